import { z } from 'zod'

// URLs of other tools or shells: read as a file name, each would silently open a different database.
const meantOtherwise: [RegExp, string][] = [
  [/^(?!sqlite:.)/s, 'must look like sqlite:<file> or postgres://<user>:<password>@<host>/<database>'],
  [/^sqlite::memory:/, 'must be a file: each connection would open a separate in-memory database'],
  [
    /^sqlite:\/\//,
    'must have no // after sqlite: (sqlite:./x.db is relative to the repository, sqlite:/x.db is absolute)',
  ],
  [/^sqlite:file:|\?/, 'must be a plain file name, without file: or a query'],
  [/%[0-9a-f]{2}/i, 'must be a plain file name: % is not decoded'],
  [/^sqlite:~/, 'must be a full file name: ~ is not expanded'],
  [/^sqlite:\s|\s$/, 'must have no blank before or after the file name'],
  [/[/\\:]\.{0,2}$/, 'must be a file, not a folder'],
]

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url)
}

export const databaseUrl = z.string().superRefine((url, context) => {
  if (isPostgres(url)) {
    if (!URL.canParse(url) || new URL(url).hostname === '' || !/^\/[^/]+$/.test(new URL(url).pathname))
      context.addIssue('must look like postgres://user:password@host:5432/database')
    return
  }
  const fault = meantOtherwise.find(([pattern]) => pattern.test(url))
  if (fault !== undefined) context.addIssue(fault[1])
})
