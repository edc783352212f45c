import { serviceNames, type Service } from '../api/http'
import type { Model } from '../model'
import { clock, count, short } from './format'

/** Both event logs, and the events that could not be handled. */
export function Events({ model }: { model: Model }) {
  if (model.admin.access.value === 'none') return <p class="hint">Unlock as administrator to read the event logs.</p>
  return (
    <>
      <div class="columns">
        {serviceNames.map((name) => (
          <Log key={name} service={name} model={model} />
        ))}
      </div>
      <Parked parkedEvents={model.parkedEvents} />
    </>
  )
}

function Log({ service, model }: { service: Service; model: Model }) {
  const log = model.eventLogs[service]
  const { read, left } = log.position.value
  const behind = model.monitors['order-service'].seen.value.health?.lag[service]?.events
  return (
    <section aria-label={`Events of ${service}`}>
      <h3>{service}</h3>
      <p class="hint">
        {count(read)} events{left > 0 ? `, ${count(left)} more to read` : ''}.
        {behind !== undefined &&
          ` order-service is at ${behind === null ? 'an unknown event' : `event ${count(read + left - behind)}`}.`}
        {log.fault.value !== undefined && ` Not read just now: ${log.fault.value}.`}
      </p>
      <ol class="events">
        {log.newest.items.slice(0, 8).map(({ id, type, subject, time }) => (
          <li key={id}>
            <time>{clock(time)}</time> {type} <code>{short(subject)}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Parked({ parkedEvents }: Pick<Model, 'parkedEvents'>) {
  return (
    <>
      {parkedEvents.events.value.map(({ id, type, error }) => (
        <p key={id} class="notice">
          Parked: {type} <code>{short(id)}</code>, {error}{' '}
          <button onClick={() => void parkedEvents.retry(id)}>Retry</button>
        </p>
      ))}
      {parkedEvents.readFault.value !== undefined && (
        <p class="notice">Parked events are not read just now: {parkedEvents.readFault.value}</p>
      )}
      {parkedEvents.fault.value !== undefined && <p role="alert">{parkedEvents.fault.value}</p>}
    </>
  )
}
