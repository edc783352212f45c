import { useSignal } from '@preact/signals'
import { curlOf } from '../api/curl'
import type { Model } from '../model'
import { clock, duration } from './format'

/** The last requests of this page, each to be copied as a command. */
export function Requests({ model: { api } }: { model: Model }) {
  const copied = useSignal<number | undefined>(undefined)
  const said = useSignal('')
  const copy = async (at: number, command: string) => {
    try {
      await navigator.clipboard.writeText(command)
      said.value = 'Copied.'
    } catch {
      said.value = command // the browser forbids it: to be copied by hand
    }
    copied.value = at
  }
  if (api.recent.items.length === 0) return <p class="hint">What this page sends, to copy as curl.</p>
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="List of requests">
        <table>
          <tbody>
            {api.recent.items.map(({ at, request, status, tookMs }) => (
              <tr key={`${at} ${request.path}`}>
                <td>{clock(at)}</td>
                <td>
                  {request.method} /{request.service}
                  {request.path.replace(/[0-9a-f-]{36}/g, (id) => `…${id.slice(-6)}`)}
                </td>
                <td>{status ?? 'no response'}</td>
                <td>{duration(tookMs)}</td>
                <td>
                  <button class="link" onClick={() => void copy(at, curlOf(request, location.origin))}>
                    {copied.value === at ? 'copied' : 'copy as curl'}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint" role="status">
        {said.value} {copied.value !== undefined && 'The command reads the token from the variable TOKEN.'}
      </p>
    </>
  )
}
