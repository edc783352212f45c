import { listeningAt } from '../../harness/listening'

const tables = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0B00007F:9C5F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0100007F:240D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 3 1 0 100 0 0 10 0
   3: 0100007F:0BB8 0100007F:D1A2 01 00000000:00000000 00:00000000 00000000  1000        0 4 1 0 20 4 30 10 -1
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 0000000000000000FFFF00000100007F:1628 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`

test('what listens in a container is read from its tables, without its connections and the name server', () => {
  expect(listeningAt(tables)).toEqual(['*:3000', '*:8080', '127.0.0.1:5672', '127.0.0.1:9229'])
})
