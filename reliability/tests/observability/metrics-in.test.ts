import { metricsIn, readAlerts } from '../../observability/queries'

test.each([
  ['a counter', 'sum by (job, status) (rate(requests_total{status=~"5..",route!~"/a|/b"}[1m]))', ['requests_total']],
  ['a quantile', 'histogram_quantile(0.99, sum by (job, le) (rate(took_bucket[1m]))) > 1', ['took_bucket']],
  ['two of them', 'up == 0 or absent(down{job="up_or_down"})', ['up', 'down']],
  ['a quotient', 'sum(a_total) / sum without (job) (b_total) > 0.05', ['a_total', 'b_total']],
])('the metrics of an expression are found in %s', (_kind, expr, metrics) => {
  expect(metricsIn(expr)).toEqual(metrics)
})

test('an alert is read whether its expression has one line or more', () => {
  const rules = `groups:
  - name: tandem
    rules:
      - alert: One
        expr: up == 0
        annotations:
          summary: 'it is down'
          runbook: docs/operating.md#one

      # Why it is so.
      - alert: Two
        expr: >-
          sum(a)
          > 1
        for: 1m
        annotations:
          summary: 'too many'
          runbook: docs/operating.md#two
`
  expect(readAlerts(rules)).toEqual([
    { name: 'One', expr: 'up == 0', summary: "'it is down'", runbook: 'docs/operating.md#one' },
    { name: 'Two', expr: 'sum(a) > 1', summary: "'too many'", runbook: 'docs/operating.md#two' },
  ])
})
