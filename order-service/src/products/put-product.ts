import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { insertProduct, updateProduct, type Product } from './product-store'

/**
 * Adds or changes the product: only adds it if it must be new, only changes it if it must exist. Returns whether it is new.
 * Throws `precondition-failed`.
 */
export function putProduct(
  database: Database,
  product: Product,
  { mustExist, mustBeNew }: { mustExist: boolean; mustBeNew: boolean },
): Promise<boolean> {
  return database.write(async (tx) => {
    if (!mustExist && (await insertProduct(tx, product))) return true
    if (!mustBeNew && (await updateProduct(tx, product))) return false
    throw new Failure('precondition-failed')
  })
}
