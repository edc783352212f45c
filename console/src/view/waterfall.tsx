import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { NoResponse } from '../api/http'
import { Unexpected } from '../api/parse'
import type { Model } from '../model'
import { repeat } from '../pause'
import type { Placed } from '../shop/shop'
import { logLinesAbout, startOf, type LogLine } from '../watch/log-lines'
import { duration } from './format'

/** The requests that an order led to in both services, in time, and the lines that were logged. For administrators. */
export function Waterfall({ model: { admin }, order, id }: { model: Model; order: Placed; id: string }) {
  const lines = useSignal<readonly LogLine[]>([])
  useEffect(() => {
    if (admin.access.value === 'none') return undefined
    return repeat(1000, async () => {
      try {
        // Another replica may have responded this time.
        const known = [...lines.value, ...(await logLinesAbout(admin, [order.key, id]))]
        lines.value = [...new Map(known.map((line) => [line.raw, line])).values()].sort(
          (a, b) => startOf(a) - startOf(b),
        )
      } catch (error) {
        if (!(error instanceof NoResponse) && !(error instanceof Unexpected)) throw error // the timeline says so
      }
    })
  }, [id])
  if (admin.access.value === 'none')
    return <p class="hint">Unlock as administrator to see the requests between the services.</p>
  if (lines.value.length === 0) return <p class="hint">No log lines: they are kept for a while if CHAOS is on.</p>
  const requests = lines.value.filter(({ request }) => request)
  const began = Math.min(...requests.map(startOf))
  const length = Math.max(1, ...requests.map(({ at }) => at - began))
  return (
    <>
      <h3>Requests, over {duration(length)}</h3>
      <ol class="waterfall">
        {requests.map((line) => (
          <li key={line.raw} class={line.service}>
            <span>
              {line.service} <code>{line.request?.title}</code> {line.request?.status},{' '}
              {duration(line.request?.ms ?? 0)}
            </span>
            <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
              <rect
                x={((startOf(line) - began) * 1000) / length}
                width={Math.max(4, ((line.request?.ms ?? 0) * 1000) / length)}
                height="8"
                rx="2"
              />
            </svg>
          </li>
        ))}
      </ol>
      <h3>Log lines</h3>
      <pre tabIndex={0}>{lines.value.map(({ raw }) => raw).join('\n')}</pre>
    </>
  )
}
