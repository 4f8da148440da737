import { runCommandLine } from './cli/run-command-line.ts'
import { readSettings } from './settings.ts'

const settings = readSettings()
void runCommandLine(settings).then((code) => settings.exit(code))
