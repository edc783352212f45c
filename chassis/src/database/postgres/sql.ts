/** A statement of the stores as PostgreSQL reads it. Under its name it is parsed once on each connection. */
interface Prepared {
  name: string
  /** With `$1` for the first `?`. No text of ours has a `?` in a literal. */
  text: string
}

const prepared = new Map<string, Prepared>()

export function prepare(sql: string): Prepared {
  let statement = prepared.get(sql)
  if (statement === undefined) {
    let last = 0
    const text = sql.replace(/\?/g, () => `$${(last += 1)}`)
    statement = { name: `s${prepared.size}`, text }
    prepared.set(sql, statement)
  }
  return statement
}
