import { serviceNames } from '../api/http'
import type { Model } from '../model'
import { clock, count, duration } from './format'

/** Each replica that has responded lately, and the circuit of order-service. */
export function Replicas({ model: { monitors, admin } }: { model: Model }) {
  if (admin.access.value === 'none') return null
  const rows = serviceNames.flatMap((name) =>
    [...monitors[name].seen.value.replicas.values()].map(({ status }) => ({ name, status })),
  )
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Replicas">
      <table>
        <thead>
          <tr>
            <th scope="col">replica</th>
            <th scope="col">up for</th>
            <th scope="col">requests</th>
            <th scope="col">event loop</th>
            <th scope="col">unfinished</th>
            <th scope="col">circuit</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, status }) => (
            <tr key={`${name} ${status.replica}`} data-replica-of={name} data-uptime={status.uptimeSeconds}>
              <td title={status.replica}>{`${name} ${status.replica.slice(0, 12)}`}</td>
              <td>{duration(status.uptimeSeconds * 1000)}</td>
              <td>{`${status.requests.inFlight} of ${status.requests.allowed}`}</td>
              <td>{duration(status.eventLoopDelayMs)}</td>
              <td>{status.unfinished ? count(status.unfinished.pending + status.unfinished.cancelling) : ''}</td>
              <td>
                {status.circuits
                  .map(
                    ({ state, probesAt }) =>
                      `${state}${probesAt === undefined ? '' : `, probes at ${clock(probesAt)}`}`,
                  )
                  .join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
