import { types, type CustomTypesConfig } from 'pg'

/** A BIGINT is a number, as it is from SQLite; what a number cannot hold exactly is an error. */
export const exactNumbers: CustomTypesConfig = {
  getTypeParser: ((type: Parameters<typeof types.getTypeParser>[0], format?: 'text' | 'binary') => {
    if (type === types.builtins.INT8) return exactly
    if (type === types.builtins.NUMERIC) return refuse
    return types.getTypeParser(type, format) as unknown
  }) as CustomTypesConfig['getTypeParser'],
}

function exactly(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is beyond what a number can hold`)
  return value
}

function refuse(): never {
  throw new Error('a query returned a numeric value, of SUM perhaps: cast it to BIGINT')
}
