/**
 * Measures the feed and its follower: what `npm run measure-events` does. It fills a log with a million events, needs
 * Linux for memory and processor time, and leaves nothing behind.
 */
import http from 'node:http'
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from '../../scripts/build.mjs'
import { ask } from './ask.mjs'
import { inNewFolder, memoryOf, ports, processorMs, start, stop } from './processes.mjs'
import { readArguments } from '../../scripts/read-arguments.mjs'

const usage = `Usage: npm run measure-events

Measures the event feed of user-service with a million events, and how fast order-service follows it. Takes a few
minutes, and needs Linux.`

const longLog = 1_000_000
const caughtUp = 100_000
const readers = 1000
const reads = 400
const users = ports['user-service']

readArguments({ name: 'measure-events', usage })
build()

const lines = []
const tell = (line) => {
  lines.push(line)
  console.error(line)
}
const machine = `${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)} before`

await inNewFolder(async (folder) => {
  await withLog(folder, longLog, async ({ child, token, idOf }) => {
    await pagesEarlyAndLate(token, idOf)
    await oneReader(token, idOf)
    await manyReaders(child, token, idOf)
  })
})
await inNewFolder(async (folder) => {
  await withLog(folder, caughtUp, () => catchUp(folder))
})

console.log(`\nMeasured by \`npm run measure-events\` with Node.js ${process.version} (${machine}):\n`)
for (const line of lines) console.log(`- ${line}`)

/** A user-service whose log has that many events. */
async function withLog(folder, events, use) {
  await stop((await start('user-service', folder)).child) // makes the tables
  const database = new DatabaseSync(join(folder, 'user-service.db'))
  const [hex, digits] = [(bytes) => `lower(hex(randomblob(${bytes})))`, (n, from) => `printf('%0${n}x', ${from})`]
  // Ids as the service makes them: UUIDv7, which grow.
  const id = `${digits(8, 'n')} || '-0000-7000-8000-' || ${hex(6)}`
  database.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${events})
    INSERT INTO events (sequence, id, type, subject, time, data)
    SELECT n, id, 'user.created', id, '2026-01-01T00:00:00.000Z', json_object('id', id, 'name', 'User ' || n, 'version', 1)
    FROM (SELECT n, ${id} AS id FROM numbers)`)
  const idOf = (sequence) => database.prepare('SELECT id FROM events WHERE sequence = ?').get(sequence).id
  const { child } = await start('user-service', folder)
  const key = readFileSync(join(folder, 'admin-key'), 'utf8').trim()
  const { text } = await ask(users, '/tokens', { method: 'POST', token: key })
  await use({ child, token: JSON.parse(text).accessToken, idOf })
  database.close()
  await stop(child)
}

async function pagesEarlyAndLate(token, idOf) {
  const places = [10, longLog - 200].map((sequence) => ({ path: `/events?lastEventId=${idOf(sequence)}`, times: [] }))
  for (let i = 0; i < reads; i++) {
    for (const { path, times } of places) {
      // A commit between any two reads, so that no page is kept from one to the next.
      await ask(users, '/users', {
        method: 'POST',
        body: { name: 'Eve', email: `${i}-${times.length}-${path.length}-${performance.now()}@example.com` },
      })
      const began = performance.now()
      const { status, text } = await ask(users, path, { token })
      if (status !== 200 || JSON.parse(text).length !== 100) throw new Error(`${path} got status ${status}`)
      times.push(performance.now() - began)
    }
  }
  const [early, late] = places.map(({ times }) => times.toSorted((a, b) => a - b)[reads / 2])
  tell(
    `a page of 100 after event 10: ${early.toFixed(2)} ms, after event ${longLog - 200}: ${late.toFixed(2)} ms (medians of ${reads}, in turns; ratio ${(late / early).toFixed(2)})`,
  )
}

async function newest(token, idOf) {
  const { text } = await ask(users, `/events?limit=1000&lastEventId=${idOf(longLog)}`, { token })
  return JSON.parse(text).at(-1).id
}

async function oneReader(token, idOf) {
  const times = []
  for (let i = 0; i < 50; i++) {
    const last = await newest(token, idOf)
    const heard = ask(users, `/events?timeout=30000&lastEventId=${last}`, { token, timeoutMs: 35_000 })
    await pause(20)
    const began = performance.now()
    await ask(users, '/users', { method: 'POST', body: { name: 'Eve', email: `reader-${i}@example.com` } })
    await heard
    times.push(performance.now() - began)
  }
  const sorted = times.toSorted((a, b) => a - b)
  tell(
    `one waiting reader hears of a sign-up ${sorted[25].toFixed(1)} ms after it was asked for (median of 50; longest ${sorted.at(-1).toFixed(1)} ms)`,
  )
}

async function manyReaders(child, token, idOf) {
  const last = await newest(token, idOf)
  const agent = new http.Agent({ maxSockets: readers })
  const before = { memory: memoryOf(child.pid), pages: await metric('feed_pages_total') }
  const heard = Array.from({ length: readers }, () => hear(agent, `/events?timeout=30000&lastEventId=${last}`, token))
  while ((await metric('feed_readers_waiting')) < readers) await pause(50)
  const waiting = memoryOf(child.pid)
  await pause(1000)
  const cpu = processorMs(child.pid)
  await pause(5000)
  const atRest = (processorMs(child.pid) - cpu) / 5
  const began = performance.now()
  await ask(users, '/users', { method: 'POST', body: { name: 'Eve', email: 'heard@example.com' } })
  const times = await Promise.all(heard.map((answered) => answered.then(() => performance.now() - began)))
  const made = (await metric('feed_pages_total')) - before.pages
  agent.destroy()
  tell(
    `${readers} waiting readers: ${atRest.toFixed(1)} ms of processor time a second at rest, ${waiting.RssAnon - before.memory.RssAnon} MB more RssAnon; the last has heard after ${Math.max(...times).toFixed(0)} ms, of ${made} pages that were made into JSON: one empty when they came, one with the event`,
  )
}

function hear(agent, path, token) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const request = http.get({ host: '127.0.0.1', port: users, path, agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`a reader was answered ${answer.statusCode}`))
      answer.resume().on('end', resolve)
    })
    request.on('error', reject)
  })
}

async function metric(name) {
  const { text } = await ask(users, '/metrics')
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1])
}

async function catchUp(folder) {
  const began = performance.now()
  const { child, readyMs } = await start('order-service', folder)
  const atStart = memoryOf(child.pid)
  let maxAnon = 0
  let lag
  do {
    await pause(50)
    maxAnon = Math.max(maxAnon, memoryOf(child.pid).RssAnon)
    lag = JSON.parse((await ask(ports['order-service'], '/health/ready')).text).lag['user-service']
  } while (lag.events !== 0)
  const seconds = (performance.now() - began - readyMs) / 1000
  const copies = new DatabaseSync(join(folder, 'order-service.db'), { readOnly: true })
  const { count } = copies.prepare('SELECT COUNT(*) AS count FROM user_copies').get()
  copies.close()
  if (count !== caughtUp) throw new Error(`${count} users were copied`)
  const { VmRSS, RssAnon } = memoryOf(child.pid)
  tell(
    `${caughtUp} events caught up from zero in ${seconds.toFixed(1)} s: ${Math.round(caughtUp / seconds)} a second; RssAnon ${atStart.RssAnon} MB at the start, ${maxAnon} MB at most, ${RssAnon} MB after (VmRSS ${VmRSS} MB)`,
  )
  await stop(child)
}
