import type { Report } from '../../audit/audit'
import { certain } from '../../audit/certain'
import type { Finding } from '../../audit/finding'

const suspect = (orderId: string, message = 'is suspect'): Finding => ({
  kind: 'confirmed-without-hold',
  ids: { orderId },
  message,
})

/** Looks at one report after the other; answers what is certain, and how many looks and pauses that took. */
async function lookAt(...reports: Finding[][]) {
  const told = { looks: 0, pauses: 0 }
  const look = async (): Promise<Report> => ({ findings: reports[told.looks++] ?? [], checked: { looks: told.looks } })
  const pause = async () => {
    told.pauses += 1
  }
  const { findings, checked } = await certain(look, pause)
  return { findings, checked, ...told }
}

test('the audit reads once if nothing is suspect', async () => {
  expect(await lookAt([])).toEqual({ findings: [], checked: { looks: 1 }, looks: 1, pauses: 0 })
})

test('a suspect that is gone at the second read is no finding, nor is one that is new then', async () => {
  const { findings, checked, looks, pauses } = await lookAt([suspect('1')], [suspect('2')])
  expect(findings).toEqual([])
  expect(checked).toEqual({ looks: 2 }) // what was looked at last
  expect({ looks, pauses }).toEqual({ looks: 2, pauses: 1 })
})

test('a suspect that remains at the fourth read is a finding, in the words of the last', async () => {
  const reports = [
    [suspect('1'), suspect('2', 'has 3')],
    [suspect('2', 'has 4')],
    [suspect('2', 'has 5'), suspect('1')],
    [suspect('2', 'has 6'), suspect('3')],
  ]
  const { findings, looks } = await lookAt(...reports)
  expect({ findings, looks }).toEqual({ findings: [suspect('2', 'has 6')], looks: 4 })
})
