import type { OpenApiDocument } from './document'

type Json = Record<string, unknown>

/** The OpenAPI document as a page to read, with nothing to fetch from anywhere else. */
export function docsPage({ info, paths }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(method, path, operation)),
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(info.title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  summary { cursor: pointer; padding: .3rem 0 } code, pre { font-family: ui-monospace, monospace }
  pre { background: #8881; padding: .6rem; overflow: auto } .method { display: inline-block; width: 5rem; font-weight: bold }
</style>
<h1>${escape(info.title)} ${escape(info.version)}</h1>
<p>${escape(info.description)} The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
${operations.join('\n')}
</html>
`
}

function operationSection(method: string, path: string, operation: Json): string {
  const { summary, parameters, requestBody, responses } = operation as {
    summary: string
    parameters: Json[]
    requestBody?: { content: Json }
    responses: Record<string, { description: string; content?: Json }>
  }
  const answers = Object.entries(responses).map(
    ([status, { description, content }]) =>
      `<details><summary>${escape(status)} ${escape(description)}</summary>${content ? pre(content) : ''}</details>`,
  )
  return `<details>
<summary><code><span class="method">${escape(method.toUpperCase())}</span>${escape(path)}</code> ${escape(summary)}</summary>
${parameters.length > 0 ? `<h4>Parameters</h4>${pre(parameters)}` : ''}
${requestBody ? `<h4>Body</h4>${pre(requestBody.content)}` : ''}
<h4>Answers</h4>
${answers.join('\n')}
</details>`
}

function pre(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
