import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from '../request.mjs'

const maxWaitMs = 60_000

/** Runs a story in a terminal: each request with its response. At the end it undoes what the story did, also on Ctrl-C. */
export class Stage {
  #steps = 0
  #isInterrupted = false
  #isCleaningUp = false
  /** Run in reverse order. */
  #undo = []

  async run(story) {
    // The current step ends, then the clean-up runs.
    const interrupt = () => {
      this.#isInterrupted = true
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt)
    process.stdout.on('error', interrupt)
    try {
      await story(this)
      this.say('\nDone. Cleaning up:')
    } catch (error) {
      this.#complain(printable(error.message))
    }
    this.#isCleaningUp = true
    for (const step of this.#undo.reverse())
      await step().catch((error) => this.#complain(`could not clean up: ${printable(error.message)}`))
  }

  /** Returns what takes it back, if the story has done it itself. */
  undoAtTheEnd(step) {
    this.#undo.push(step)
    return () => {
      this.#undo = this.#undo.filter((other) => other !== step)
    }
  }

  title(text) {
    this.#goOn()
    this.say(`\n${(this.#steps += 1)}. ${text}`)
  }

  say(line) {
    console.log(line)
  }

  show(fields) {
    for (const [name, value] of Object.entries(fields)) this.say(`      ${name}: ${printable(String(value))}`)
  }

  /** Shows a request and the status of its response; throws if that is not the expected one. */
  async ask(method, url, { token, key, body, expected = 200 } = {}) {
    this.#goOn()
    const text = body && JSON.stringify(body)
    const headers = {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(key && { 'Idempotency-Key': key }),
      ...(text && { 'Content-Type': 'application/json' }),
    }
    this.say(`  ${method} ${url}${text ? ` ${text}` : ''}${key ? `\n  Idempotency-Key: ${key}` : ''}`)
    const began = performance.now()
    const answer = await request(url, { method, headers, body: text }).catch(({ message }) => {
      throw new Error(`no response to ${method} ${url}: ${message}`)
    })
    const tookMs = Math.round(performance.now() - began)
    const answered = answer.text === '' ? {} : JSON.parse(answer.text)
    this.say(`  ${answer.status} ${printable(answered.code ?? '')}`.trimEnd())
    if (answer.status !== expected) {
      throw new Error(
        `${method} ${url} returned ${answer.status} instead of ${expected}. ${answered.detail ?? ''}`.trim(),
      )
    }
    return { headers: answer.headers, body: answered, tookMs }
  }

  /** Polls once a second unless told otherwise, for a minute at most. */
  async until(what, find, everyMs = 1_000) {
    const deadline = performance.now() + maxWaitMs
    for (;;) {
      const found = await find()
      if (found !== undefined) return found
      if (performance.now() > deadline) throw new Error(`timed out after ${maxWaitMs / 1000} s: ${what}`)
      await pause(everyMs)
    }
  }

  #goOn() {
    if (this.#isInterrupted && !this.#isCleaningUp) throw new Error('interrupted')
  }

  #complain(line) {
    process.exitCode = 1
    console.error(`${this.#steps > 0 ? '\n' : ''}demo: ${line}`)
  }
}

export function pick(object, ...names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]))
}

/** Escapes control characters in foreign text, so that none reaches the terminal. */
export function printable(text) {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
