import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ok } from '../http/response'
import { route, type Route } from '../http/route'

const headers = { 'Cache-Control': 'public, max-age=86400' }
const pageHeaders = {
  // Swagger UI sets styles on its elements, and has its icons in data: URLs.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
const common = { method: 'get', tag: 'service', who: 'anyone', anyOrigin: true } as const

/** The page at /docs: Swagger UI, whose files come from here, so that nothing is fetched from anywhere else. */
export function docsRoutes(service: string): Route[] {
  return [
    route({
      ...common,
      path: '/docs',
      operationId: 'getDocs',
      summary: 'Read this document as a page, and try requests out',
      responses: { 200: z.string().meta({ examples: ['<!doctype html>'] }) },
      mediaType: 'text/html; charset=utf-8',
      handle: () => ok(page(service), pageHeaders),
    }),
    route({
      ...common,
      path: '/docs/start.js',
      operationId: 'getDocsStart',
      summary: 'Get the script that starts the page at /docs',
      responses: { 200: z.string().meta({ examples: ['SwaggerUIBundle({})'] }) },
      mediaType: 'text/javascript; charset=utf-8',
      handle: () => ok(startScript, headers),
    }),
    fileRoute('swagger-ui.css', 'getDocsStyle', 'text/css; charset=utf-8'),
    fileRoute('swagger-ui-bundle.js', 'getDocsScript', 'text/javascript; charset=utf-8'),
  ]
}

/** A file of Swagger UI, which is read when it is first asked for. */
function fileRoute(file: string, operationId: string, mediaType: string): Route {
  let content: Buffer | undefined
  return route({
    ...common,
    path: `/docs/${file}`,
    operationId,
    summary: `Get ${file}, for the page at /docs`,
    responses: { 200: z.string().meta({ examples: ['…'] }) },
    mediaType,
    handle: () => ok((content ??= readFileSync(require.resolve(`swagger-ui-dist/${file}`))), headers),
  })
}

// Its links are relative, so that it works behind a proxy that takes a prefix off.
const startScript = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null })
`

function page(service: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${service}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`
}
