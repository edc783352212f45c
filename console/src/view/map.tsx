import type { Model } from '../model'
import { serviceNames, type Service } from '../api/http'
import type { Seen } from '../watch/monitor'

const places = { 'user-service': { x: 290, y: 130 }, 'order-service': { x: 10, y: 130 } } as const
const titles = { postgres: 'PostgreSQL', sqlite: 'SQLite' } as Readonly<Record<string, string>>

/** What runs, how it is, and what flows in between. */
export function Map({ model: { api, monitors, shop } }: { model: Model }) {
  const seen = {
    'user-service': monitors['user-service'].seen.value,
    'order-service': monitors['order-service'].seen.value,
  }
  const circuit = monitors['order-service'].status?.circuits.find(({ upstream }) => upstream === 'user-service')
  const perSecond = (shop.responses.points.value.at(-1)?.count ?? 0) / 2
  const lag = seen['order-service'].health?.lag['user-service']?.events ?? 0
  const isReachable = api.isReachable.value
  const broker = monitors['order-service'].status?.broker ?? null
  return (
    <svg class="map" viewBox="0 0 480 310" role="img" aria-label={inWords(seen, isReachable, circuit?.state)}>
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">
          <path d="M0 0 8 4 0 8z" fill="context-stroke" />
        </marker>
      </defs>
      <Arrow d="M240 58 V86 H100 V126" isBusy={perSecond > 0} />
      <Arrow d="M240 58 V86 H380 V126" />
      <text x="108" y="110">{`${perSecond} orders/s`}</text>
      <Arrow d="M190 162 H286" isBusy={perSecond > 0 && circuit?.state !== 'open'} state={circuit?.state} />
      <text x="240" y="152" text-anchor="middle" class={circuit?.state}>
        {circuit ? `circuit ${circuit.state}` : 'hold credit'}
      </text>
      <Arrow d="M290 186 H194" isBusy={lag > 0} />
      <text x="240" y="202" text-anchor="middle">
        {lag > 0 ? `${lag} events behind` : 'events'}
      </text>
      <Arrow d="M100 214 V240" isBusy={perSecond > 0} />
      <Arrow d="M380 214 V240" isBusy={perSecond > 0} />
      <Box
        x={150}
        y={6}
        width={180}
        height={52}
        state={isReachable ? 'up' : 'down'}
        title="gateway"
        lines={[isReachable ? location.host : 'no response']}
      />
      {serviceNames.map((name) => (
        <ServiceBox key={name} name={name} seen={seen[name]} />
      ))}
      {serviceNames.map((name) => (
        <Database key={name} name={name} kind={monitors[name].status?.database} isUp={seen[name].state === 'up'} />
      ))}
      {broker !== null && (
        <Box
          x={175}
          y={246}
          width={130}
          height={52}
          state={broker === 'connected' ? 'up' : 'down'}
          title="RabbitMQ"
          lines={[broker]}
        />
      )}
    </svg>
  )
}

function ServiceBox({ name, seen }: { name: Service; seen: Seen }) {
  const { state, why, health, replicas } = seen
  const faults = [...replicas.values()].some(({ status }) => status.faults?.endsAt !== undefined)
  const inFlight = [...replicas.values()].reduce((sum, { status }) => sum + status.requests.inFlight, 0)
  const lines =
    state === 'down'
      ? [why ?? 'no response']
      : [
          health ? `version ${health.version}` : 'not asked yet',
          replicas.size > 0
            ? `${replicas.size} ${replicas.size > 1 ? 'replicas' : 'replica'}, ${inFlight} in flight`
            : '',
          faults ? 'a fault is switched on' : '',
        ]
  const look = state === 'up' && faults ? 'warn' : state
  return <Box {...places[name]} width={180} height={84} state={look} title={name} lines={lines} />
}

function Database({ name, kind, isUp }: { name: Service; kind: string | undefined; isUp: boolean }) {
  const { x } = places[name]
  return (
    <g class={`box ${isUp ? 'up' : 'unknown'}`} transform={`translate(${x + 45} 242)`}>
      <path d="M0 10 v40 a45 9 0 0 0 90 0 v-40" />
      <ellipse cx="45" cy="10" rx="45" ry="9" />
      <text x="45" y="40" text-anchor="middle">
        {titles[kind ?? ''] ?? 'database'}
      </text>
    </g>
  )
}

interface BoxProps {
  x: number
  y: number
  width: number
  height: number
  state: string
  title: string
  lines: readonly string[]
}

function Box({ x, y, width, height, state, title, lines }: BoxProps) {
  return (
    <g class={`box ${state}`} transform={`translate(${x} ${y})`} data-box={title} data-state={state}>
      <rect width={width} height={height} rx="8" />
      <circle cx="16" cy="18" r="5" />
      <text class="title" x="28" y="23">
        {title}
      </text>
      {lines.filter(Boolean).map((line, index) => (
        <text key={line} x="12" y={42 + index * 14}>
          {line}
        </text>
      ))}
    </g>
  )
}

function Arrow({ d, isBusy = false, state = '' }: { d: string; isBusy?: boolean; state?: string | undefined }) {
  return <path class={`arrow ${state} ${isBusy ? 'busy' : ''}`} d={d} marker-end="url(#head)" />
}

function inWords(seen: Readonly<Record<Service, Seen>>, isReachable: boolean, circuit: string | undefined): string {
  const services = serviceNames.map((name) => `${name} is ${seen[name].state}`)
  return [`The gateway is ${isReachable ? 'up' : 'down'}`, ...services, circuit && `the circuit is ${circuit}`]
    .filter(Boolean)
    .join(', ')
}
