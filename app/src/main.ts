import { ownThisProcess } from '@tillsafe/engine'
import { runCommandLine } from './cli/run-command-line.ts'
import { readSettings } from './settings.ts'

ownThisProcess()
const settings = readSettings()
void runCommandLine(settings).then((code) => settings.exit(code))
