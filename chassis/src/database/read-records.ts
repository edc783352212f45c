import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { StartError } from '../failure'

const PrintedRecord = z.looseObject({ what: z.string() })
export type PrintedRecord = z.infer<typeof PrintedRecord>

/**
 * The records that a service printed, one in a line. Throws a StartError unless the last line is `{"what":"end","of":…}`
 * with its name, which whoever hands them on adds once all were printed: what is missing would be taken for what is not
 * there.
 */
export async function* readRecords(service: string, from: Readable = process.stdin): AsyncGenerator<PrintedRecord> {
  let record: PrintedRecord | undefined
  for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
    record = PrintedRecord.parse(JSON.parse(line))
    if (record.what !== 'end') yield record
  }
  if (record?.what !== 'end' || record.of !== service) {
    throw new StartError(`these are not all records of ${service}`)
  }
}
