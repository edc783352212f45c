import { fork } from 'node:child_process'
import { join } from 'node:path'

export const connections = 64

export interface Load {
  port: number
  /** As it is sent, see `requestText`. */
  request: string
  /** How long to send it, or how many times. */
  seconds?: number
  requests?: number
}

export interface Measured {
  requests: number
  /** Responses with a 202: the order was to be confirmed later. */
  accepted: number
  seconds: number
  /** Of the other ones, a second. */
  rate: number
  p50Ms: number
  p99Ms: number
}

type FromGenerator = (Omit<Measured, 'rate'> & { refused: number; firstRefusal?: string }) | { fault: string }

/** Sends the request on 64 connections, each with one at a time. Throws if a response was not 2xx. */
export async function load(job: Load): Promise<Measured> {
  const path = job.request.slice(0, job.request.indexOf(' HTTP/'))
  const result = await generate(job)
  if ('fault' in result) throw new Error(`${path}: ${result.fault}`)
  const { refused, firstRefusal = '', ...measured } = result
  if (refused > 0)
    throw new Error(`${path}: ${refused} of ${measured.requests} responses were not 2xx; the first: ${firstRefusal}`)
  return { ...measured, rate: (measured.requests - measured.accepted) / measured.seconds }
}

function generate(job: Load): Promise<FromGenerator> {
  return new Promise((resolve, reject) => {
    const generator = fork(join(__dirname, 'load-generator.mjs'), { execArgv: [] })
    generator.once('message', (result) => resolve(result as FromGenerator)) // our own process
    generator.once('error', reject)
    generator.once('exit', (code, signal) =>
      reject(new Error(`the load generator ended (${signal ?? `exit code ${String(code)}`})`)),
    )
    generator.send({ connections, ...job })
  })
}

export interface Request {
  method: 'GET' | 'POST'
  path: string
  token?: string | undefined
  body?: unknown
}

/** A request as the load generator sends it. */
export function requestText({ method, path, token, body }: Request): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1']
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`)
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`)
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}
