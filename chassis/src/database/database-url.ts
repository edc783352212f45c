import { z } from 'zod'

// Each is a URL of another tool, or of a shell. Read as the name of a file, it would be another database than is meant.
const meantOtherwise: [RegExp, string][] = [
  [/^(?!sqlite:.)/s, 'must look like sqlite:<file>'],
  [/^sqlite::memory:/, 'must be a file: a database in memory would be another one for each connection'],
  [
    /^sqlite:\/\//,
    'must have no // after sqlite: (sqlite:./x.db is taken from the root of the repository, sqlite:/x.db from that of the disk)',
  ],
  [/^sqlite:file:|\?/, 'must be the name of a file, without file: and without what follows a ?'],
  [/%[0-9a-f]{2}/i, 'must be the name of a file as it is: no % is decoded'],
  [/^sqlite:~/, 'must be the whole name of a file: ~ is not expanded'],
  [/^sqlite:\s|\s$/, 'must have no blank before or after the name of the file'],
  [/[/\\:]\.{0,2}$/, 'must be a file, not a folder'],
]

/** `sqlite:<file>`, where the rest is the name of a file as it is. */
export const databaseUrl = z.string().superRefine((url, context) => {
  const fault = meantOtherwise.find(([pattern]) => pattern.test(url))
  if (fault !== undefined) context.addIssue(fault[1])
})
