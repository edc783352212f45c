import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { OperatorError } from '../failure'
import { printable } from '../printable'

const PrintedRecord = z.looseObject({ kind: z.string() })
export type PrintedRecord = z.infer<typeof PrintedRecord>

/** The stream must end with `{"kind":"end","of":service}`: otherwise a truncated one looks like deleted records. */
export async function* readRecords(service: string, from: Readable = process.stdin): AsyncGenerator<PrintedRecord> {
  let record: PrintedRecord | undefined
  for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
    record = readAs(PrintedRecord, parsed(line, service), service)
    if (record.kind !== 'end') yield record
  }
  if (record?.kind !== 'end' || record.of !== service) {
    throw new OperatorError(`incomplete records of ${service}`)
  }
}

/** Throws an OperatorError that shows the record and names the wrong fields. */
export function readAs<T extends z.ZodType>(schema: T, record: unknown, service: string): z.output<T> {
  const read = schema.safeParse(record)
  if (read.success) return read.data
  const fields = read.error.issues.map(({ path }) => path.join('.')).filter(Boolean)
  throw new OperatorError(
    `${notARecord(service, JSON.stringify(record))}${fields.length ? ` (${fields.join(', ')})` : ''}`,
  )
}

function parsed(line: string, service: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new OperatorError(notARecord(service, line))
  }
}

function notARecord(service: string, line = ''): string {
  return `not a valid record of ${service}: ${printable(line.slice(0, 200))}`
}
