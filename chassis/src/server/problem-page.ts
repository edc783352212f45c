import { z } from 'zod'
import { Failure } from '../failure'
import type { ProblemTypes } from '../http/problem-types'
import { route, type Route } from '../http/route'

export function problemPage(types: ProblemTypes): Route {
  return route({
    method: 'get',
    path: '/problems/:code',
    operationId: 'getProblemPage',
    tag: 'service',
    summary: 'Read what a problem means',
    who: 'anyone',
    anyOrigin: true,
    responses: { 200: z.string().meta({ examples: ['<!doctype html>'] }) },
    problems: ['not-found'],
    params: z.strictObject({ code: z.string() }),
    mediaType: 'text/html; charset=utf-8',
    handle: ({ params: { code } }) => {
      const type = Object.hasOwn(types, code) ? types[code] : undefined
      if (type === undefined) throw new Failure('not-found')
      return { status: 200, body: page(code, type) }
    },
  })
}

function page(
  code: string,
  { status, title, explanation }: { status: number; title: string; explanation: string },
): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<h1>${title}</h1>
<p>Status ${status}, code <code>${code}</code></p>
<p>${explanation}</p>
</html>
`
}
