import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { serviceNames, type Service } from '../api/http'
import type { Model } from '../model'
import { repeat } from '../pause'
import { faultSwitches } from '../watch/fault-switches'

/** The faults of both services, to switch on and off. */
export function Faults({ model }: { model: Model }) {
  if (model.admin.access.value === 'none')
    return (
      <p class="hint">
        Unlock as administrator to break a service from here. Or stop one in a terminal:{' '}
        <code>docker compose stop user-service</code>.
      </p>
    )
  return (
    <div class="columns">
      {serviceNames.map((name) => (
        <ServiceFaults key={name} service={name} model={model} />
      ))}
    </div>
  )
}

function ServiceFaults({ service, model }: { service: Service; model: Model }) {
  const switches = model.switches[service]
  const faults = model.monitors[service].status?.faults
  const isDown = model.monitors[service].seen.value.state === 'down'
  if (faults === undefined)
    return (
      <p class="hint">
        {service}: {isDown ? 'no response' : 'faults need CHAOS=on'}
      </p>
    )
  return (
    <fieldset>
      <legend>
        {service} <Countdown until={faults.endsAt} />
      </legend>
      {faultSwitches.map((it) => {
        const isOn = it.isOn(faults)
        return (
          <button
            key={it.name}
            class="switch"
            aria-pressed={isOn}
            title={it.does}
            onClick={() => void (isOn ? switches.turnOff() : switches.turnOn(it))}
          >
            <strong>{it.title}</strong>
            <small>{it.does}</small>
          </button>
        )
      })}
      <button class="switch" title="It ends at once, and is started again." onClick={() => void switches.crash()}>
        <strong>Crash</strong>
        <small>The process ends at once, and is started again.</small>
      </button>
      {switches.fault.value !== undefined && (
        <p role="alert" class="notice">
          That did not work: {switches.fault.value}
        </p>
      )}
    </fieldset>
  )
}

function Countdown({ until }: { until: number | undefined }) {
  const now = useSignal(Date.now())
  useEffect(() => (until === undefined ? undefined : repeat(500, async () => void (now.value = Date.now()))), [until])
  if (until === undefined) return null
  return <small>goes off by itself in {Math.max(0, Math.ceil((until - now.value) / 1000))} s</small>
}
