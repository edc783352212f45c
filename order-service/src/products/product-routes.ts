import type { Database } from '@tandem/chassis/database/database'
import { Failure } from '@tandem/chassis/failure'
import { created, ok } from '@tandem/chassis/http/response'
import { page, pageQuery } from '@tandem/chassis/http/page'
import { route, type Route } from '@tandem/chassis/http/route'
import { name } from '@tandem/chassis/http/fields'
import { z } from 'zod'
import { findProduct, listProducts } from './product-store'
import { putProduct } from './put-product'

export const productId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z 0-9 -, and not begin with -')

const PutProduct = z
  .strictObject({ name, priceCents: z.int().min(1).max(1_000_000_000) })
  .meta({ id: 'PutProduct', examples: [{ name: 'Keyboard', priceCents: 4999 }] })
const ProductResponse = z
  .strictObject({ id: z.string(), name: z.string(), priceCents: z.int() })
  .meta({ id: 'Product', examples: [{ id: 'keyboard', name: 'Keyboard', priceCents: 4999 }] })
const ProductPath = z.strictObject({ id: productId })
const anyVersion = z.literal('*', 'must be *: a product has no entity tag').optional()

export function productRoutes({ database }: { database: Database }): Route[] {
  return [
    route({
      method: 'get',
      path: '/products',
      operationId: 'listProducts',
      summary: 'List the products by id, ascending',
      who: 'anyone',
      query: z.strictObject(pageQuery(productId)),
      responses: { 200: z.array(ProductResponse) },
      responseHeaders: { 200: ['Link'] },
      handle: async ({ query: { limit, after } }) => {
        const rows = await listProducts(database.read, { limit: limit + 1, ...(after !== undefined && { after }) })
        return page('/products', { limit }, rows)
      },
    }),
    route({
      method: 'get',
      path: '/products/:id',
      operationId: 'getProduct',
      summary: 'Get a product',
      who: 'anyone',
      params: ProductPath,
      responses: { 200: ProductResponse },
      problems: ['product-not-found'],
      handle: async ({ params }) => {
        const product = await findProduct(database.read, params.id)
        if (product === undefined) throw new Failure('product-not-found')
        return ok(product)
      },
    }),
    route({
      method: 'put',
      path: '/products/:id',
      operationId: 'putProduct',
      summary: 'Add or change a product',
      who: ['admin'],
      params: ProductPath,
      headers: z.object({ 'if-match': anyVersion, 'if-none-match': anyVersion }),
      body: PutProduct,
      responses: { 200: ProductResponse, 201: ProductResponse },
      responseHeaders: { 201: ['Location'] },
      problems: ['precondition-failed'],
      handle: async ({ params, headers, body }) => {
        const product = { id: params.id, ...body }
        const mustExist = headers['if-match'] !== undefined
        const mustBeNew = headers['if-none-match'] !== undefined
        const isNew = await putProduct(database, product, { mustExist, mustBeNew })
        return isNew ? created(product, { Location: `/products/${product.id}` }) : ok(product)
      },
    }),
  ]
}
