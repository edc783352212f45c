import type { Queries, Transaction } from '@tandem/chassis/database/database'
import { inList } from '@tandem/chassis/database/sql-parts'

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

/** By their ids; unknown ones are left out. */
export async function findProducts(queries: Queries, ids: readonly string[]): Promise<Map<string, Product>> {
  const { marks, list } = inList(ids)
  const rows = await queries.all<ProductRow>(
    `SELECT id, name, price_cents FROM products WHERE id IN (${marks})`,
    ...list,
  )
  return new Map(rows.map((row) => [row.id, toProduct(row)]))
}

/** Ascending by id. */
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

/** Returns false, and changes nothing, if the id exists. */
export async function insertProduct(tx: Transaction, { id, name, priceCents }: Product): Promise<boolean> {
  const inserted = await tx.run(
    'INSERT INTO products (id, name, price_cents) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
    id,
    name,
    priceCents,
  )
  return inserted > 0
}

/** Returns false if the id does not exist. */
export async function updateProduct(tx: Transaction, { id, name, priceCents }: Product): Promise<boolean> {
  const updated = await tx.run('UPDATE products SET name = ?, price_cents = ? WHERE id = ?', name, priceCents, id)
  return updated > 0
}

function toProduct(row: ProductRow): Product {
  return { id: row.id, name: row.name, priceCents: row.price_cents }
}
