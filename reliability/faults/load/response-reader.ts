export interface RawResponse {
  status: number
  location: string | undefined
}

const blankLine = '\r\n\r\n'

/** Finds the responses in the bytes of one connection, however they are cut into chunks. Bodies are passed over. */
export class ResponseReader {
  #unread = ''

  /** The responses that end in this chunk. Throws if one does not say how long its body is. */
  read(chunk: Buffer): RawResponse[] {
    this.#unread += chunk.toString('latin1')
    const responses: RawResponse[] = []
    for (;;) {
      const headLength = this.#unread.indexOf(blankLine) + blankLine.length
      if (headLength < blankLine.length) return responses
      const { bodyLength, ...response } = parseHead(this.#unread.slice(0, headLength))
      if (this.#unread.length < headLength + bodyLength) return responses
      this.#unread = this.#unread.slice(headLength + bodyLength)
      responses.push(response)
    }
  }
}

function parseHead(head: string): RawResponse & { bodyLength: number } {
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? []
  const bodyLength = status === '204' ? '0' : valueOf(head, 'content-length')
  if (status === undefined || bodyLength === undefined) throw new Error(`cannot read the response: ${head}`)
  return { status: Number(status), location: valueOf(head, 'location'), bodyLength: Number(bodyLength) }
}

function valueOf(head: string, header: string): string | undefined {
  return new RegExp(`\r\n${header}: *(.*)`, 'i').exec(head)?.[1]
}
