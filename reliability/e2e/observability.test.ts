import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { root } from '../harness/compose-stack'

interface Config {
  services: Record<
    string,
    {
      environment: Record<string, string>
      networks: Record<string, unknown>
      ports?: { host_ip: string; published: string }[]
      volumes?: { source: string }[]
    }
  >
}

describe.each(['docker-compose.yml', 'docker-compose.scale.yml'])('docker-compose.observability.yml on %s', (file) => {
  const files = [file, 'docker-compose.observability.yml'].flatMap((it) => ['--file', it])
  const read = () => execFileSync('docker', ['compose', ...files, 'config', '--format', 'json'], { cwd: root })
  const { services } = JSON.parse(read().toString()) as Config

  test.each(['user-service', 'order-service'])('sends the traces of %s to the collector, in its network', (name) => {
    expect(services[name]!.environment.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://lgtm:4318')
    expect(Object.keys(services[name]!.networks)).toEqual(expect.arrayContaining(Object.keys(services.lgtm!.networks)))
  })

  test('publishes Grafana to this machine only, and mounts files that exist', () => {
    expect(services.lgtm!.ports).toMatchObject([{ host_ip: '127.0.0.1', published: '3030' }])
    const sources = services.lgtm!.volumes!.map(({ source }) => source)
    expect(sources).toHaveLength(4)
    for (const source of sources) expect(statSync(source).isFile()).toBe(true)
  })
})
