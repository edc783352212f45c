import type { Report } from '../../audit/audit'
import { certain } from '../../audit/certain'
import type { Finding } from '../../audit/finding'

const suspect = (orderId: string, says = 'is suspect'): Finding => ({
  kind: 'confirmed-without-hold',
  ids: { orderId },
  says,
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

test('where nothing is suspect, it looks once', async () => {
  expect(await lookAt([])).toEqual({ findings: [], checked: { looks: 1 }, looks: 1, pauses: 0 })
})

test('a suspect that is gone at the second look is no finding, and one that is new then is none either', async () => {
  const { findings, checked, looks, pauses } = await lookAt([suspect('1')], [suspect('2')])
  expect(findings).toEqual([])
  expect(checked).toEqual({ looks: 2 }) // what was looked at last
  expect({ looks, pauses }).toEqual({ looks: 2, pauses: 1 })
})

test('a suspect that is still one at the fourth look is a finding, in the words of the last', async () => {
  const reports = [
    [suspect('1'), suspect('2', 'has 3')],
    [suspect('2', 'has 4')],
    [suspect('2', 'has 5'), suspect('1')],
    [suspect('2', 'has 6'), suspect('3')],
  ]
  const { findings, looks } = await lookAt(...reports)
  expect({ findings, looks }).toEqual({ findings: [suspect('2', 'has 6')], looks: 4 })
})
