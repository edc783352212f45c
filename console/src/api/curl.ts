import type { Sent } from './http'

/** The request as a command for a POSIX shell. The token is left to the shell's variable TOKEN. */
export function curlOf(
  { service, method, path, hasToken, idempotencyKey, body }: Sent['request'],
  origin: string,
): string {
  const headers = [
    ...(hasToken ? ['"Authorization: Bearer $TOKEN"'] : []),
    ...(idempotencyKey === undefined ? [] : [quoted(`Idempotency-Key: ${idempotencyKey}`)]),
    ...(body === undefined ? [] : [quoted('Content-Type: application/json')]),
  ]
  return [
    'curl -i',
    ...(method === 'GET' ? [] : ['-X', method]),
    ...headers.map((header) => `-H ${header}`),
    ...(body === undefined ? [] : [`-d ${quoted(JSON.stringify(body))}`]),
    quoted(`${origin}/${service}${path}`),
  ].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
