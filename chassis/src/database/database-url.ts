import { z } from 'zod'

// URLs of other tools or shells: read as a file name, each would silently open a different database.
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

/** `sqlite:<file>`; the file name is taken literally. */
export const databaseUrl = z.string().superRefine((url, context) => {
  const fault = meantOtherwise.find(([pattern]) => pattern.test(url))
  if (fault !== undefined) context.addIssue(fault[1])
})
