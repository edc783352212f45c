import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const chunkCharacters = 64 * 1024

export async function printRecords(records: AsyncIterable<object>, to: Writable = process.stdout): Promise<void> {
  await pipeline(Readable.from(chunks(records)), to, { end: false })
}

/** One write for each line would take most of the time. */
async function* chunks(records: AsyncIterable<object>): AsyncGenerator<string> {
  let chunk = ''
  for await (const record of records) {
    chunk += `${JSON.stringify(record)}\n`
    if (chunk.length < chunkCharacters) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
