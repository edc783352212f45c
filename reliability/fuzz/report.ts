import { isFlat, lastThirds } from './flat-memory'
import type { FuzzResult } from './fuzz-service'

const fewestForMemory = 10_000

/** Prints the tables and the findings. Returns whether all is well. */
export function report(results: readonly FuzzResult[], seed: number): boolean {
  let passed = 0
  let total = 0
  for (const { service, requests, seconds, findings, memory } of results) {
    console.log(`\n${service}: ${requests} requests with seed ${seed} in ${seconds.toFixed(0)} s\n`)
    console.log('| requests | responses | by status |\n| --- | --- | --- |')
    for (const row of findings.rows) console.log(`| ${row.join(' | ')} |`)
    for (const { kind, number, fault, request, times } of findings.all) {
      console.log(`\nFINDING, ${times} times: ${kind}: ${fault}\n  ${request}`)
      console.log(`  again: npm run fuzz -- --service ${service} --seed ${seed} --from ${number} --requests 1`)
    }
    const checks = [findings.all.length === 0]
    if (memory.owned.length > 0 && requests >= fewestForMemory)
      for (const [name, samples] of Object.entries(memory) as [string, number[]][]) {
        const [middle, last] = lastThirds(samples).map((kb) => Math.round(kb / 1024))
        const verdict = isFlat(samples) ? 'flat' : 'NOT flat'
        console.log(`\nmemory, ${name}: ${middle} MB in the second third, ${last} MB in the last: ${verdict}`)
        checks.push(isFlat(samples))
      }
    total += checks.length
    passed += checks.filter(Boolean).length
  }
  console.log(`\nseed ${seed}`)
  summarise('Fuzz', passed, total)
  return passed === total
}

export function summarise(what: string, passed: number, total: number): void {
  console.log(`${what}: ${passed} passed, ${total - passed} failed, ${total} total`)
}
