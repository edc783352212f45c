import type { Report } from './audit'
import { nameOf } from './finding'

const looks = 4

/**
 * Reads again, after a pause, while there are suspects. The services are not read at the same time: only what is found
 * each time is a finding.
 */
export async function certain(look: () => Promise<Report>, pause: () => Promise<void>): Promise<Report> {
  let report = await look()
  for (let again = 1; again < looks && report.findings.length > 0; again++) {
    await pause()
    const suspects = new Set(report.findings.map(nameOf))
    const now = await look()
    report = { ...now, findings: now.findings.filter((finding) => suspects.has(nameOf(finding))) }
  }
  return report
}
