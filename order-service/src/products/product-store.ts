import type { Queries, Transaction } from '@tandem/chassis/database/database'

export interface Product {
  id: string
  name: string
  priceCents: number
}

interface ProductRow {
  id: string
  name: string
  price_cents: number
}

export async function findProduct(queries: Queries, id: string): Promise<Product | undefined> {
  const row = await queries.get<ProductRow>('SELECT id, name, price_cents FROM products WHERE id = ?', id)
  return row && toProduct(row)
}

/** By id, ascending, those that come after `after`. */
export async function listProducts(
  queries: Queries,
  { after = '', limit }: { after?: string; limit: number },
): Promise<Product[]> {
  const rows = await queries.all<ProductRow>(
    'SELECT id, name, price_cents FROM products WHERE id > ? ORDER BY id LIMIT ?',
    after,
    limit,
  )
  return rows.map(toProduct)
}

/** Answers whether the product is new. */
export async function putProduct(tx: Transaction, { id, name, priceCents }: Product): Promise<boolean> {
  const changed = await tx.run('UPDATE products SET name = ?, price_cents = ? WHERE id = ?', name, priceCents, id)
  if (changed > 0) return false
  await tx.run('INSERT INTO products (id, name, price_cents) VALUES (?, ?, ?)', id, name, priceCents)
  return true
}

function toProduct(row: ProductRow): Product {
  return { id: row.id, name: row.name, priceCents: row.price_cents }
}
