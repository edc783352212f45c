import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'

// A line for each answer that was had, in no certain order.
const Acknowledgement = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), id: z.string() }),
  z.strictObject({ kind: z.literal('rename'), userId: z.string(), version: z.int(), name: z.string() }),
  z.strictObject({ kind: z.literal('deletion'), userId: z.string() }),
  z.strictObject({ kind: z.literal('deposit'), id: z.string(), userId: z.string(), amountCents: z.int() }),
  // Placed, or cancelled, or read. A refusal does not tell the total.
  z.strictObject({
    kind: z.literal('order'),
    id: z.string(),
    userId: z.string(),
    totalCents: z.int().optional(),
    status: z.enum(['pending', 'confirmed', 'rejected', 'cancelling', 'cancelled']),
    /** With which it was placed, by its user unless `placedBy` says by whom. */
    key: z.string().optional(),
    placedBy: z.string().optional(),
  }),
])

export type Acknowledgement = z.infer<typeof Acknowledgement>

/** Reads a caller's journal, a line of JSON for each answer that it was given. Throws an error that names the line. */
export async function readJournal(file: string): Promise<Acknowledgement[]> {
  const journal: Acknowledgement[] = []
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1
    if (line.trim() !== '') journal.push(acknowledgement(line, `${file}:${number}`))
  }
  return journal
}

function acknowledgement(line: string, place: string): Acknowledgement {
  const read = Acknowledgement.safeParse(fromJson(line, place))
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim())
  throw new Error(`${place}: ${faults.join('; ')}`)
}

function fromJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new Error(`${place}: not valid JSON`, { cause })
  }
}
