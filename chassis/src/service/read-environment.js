// @ts-check
// JavaScript, because `npm run demo` reads .env with it before anything is installed or built.
const { lstatSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { parseEnv, TextDecoder } = require('node:util')

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * The environment, with defaults from `.env` in the folder. An empty variable counts as unset. Throws if `.env` is
 * unreadable.
 * @param {string} folder
 * @param {Environment} [environment]
 * @param {(text: string) => Environment} [parse] dotenv's, if it is installed
 * @returns {Environment}
 */
function readEnvironment(folder, environment = process.env, parse = parseAlone) {
  const file = join(folder, '.env')
  const bytes = readBytes(file)
  const variables = bytes === undefined ? {} : parse(textOf(bytes, file))
  const entries = [variables, environment].flatMap((it) => Object.entries(it))
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

/** @param {string} text */
function parseAlone(text) {
  if (typeof parseEnv !== 'function') {
    throw new Error(`.env cannot be read: it needs Node.js 20.12 or newer, but this is ${process.version}`)
  }
  // parseEnv misreads `NAME= \r\n` (takes the next line as its value) and a comment without a line end (as a variable).
  return parseEnv(`${text}\n`.replace(/[ \t]*\r?\n/g, '\n'))
}

/**
 * @param {Buffer} bytes
 * @param {string} file
 */
function textOf(bytes, file) {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark === 'fffe' || mark === 'feff' || bytes.includes(0)) {
    throw new Error(`${file} cannot be read: it is UTF-16, as PowerShell's \`>\` writes it; save it as UTF-8`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) // without a byte order mark
  } catch (cause) {
    throw new Error(`${file} cannot be read: it is not UTF-8; save it as UTF-8`, { cause })
  }
}

/** @param {string} file */
function readBytes(file) {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) && readFileSync(file) // a dangling link exists, too
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${/** @type {Error} */ (cause).message}`, { cause })
  }
}

module.exports = { readEnvironment }
