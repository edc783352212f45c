import { CircuitBreaker } from '@tandem/chassis/upstream/circuit-breaker'
import { VirtualSystem } from '../../testing/virtual-system'

function breaker() {
  const system = new VirtualSystem()
  const circuit = new CircuitBreaker(system)
  const call = (succeeded: boolean) => circuit.tryAcquire()!(succeeded)
  const calls = (outcomes: string) => {
    for (const outcome of outcomes) call(outcome === '+')
  }
  return { system, circuit, calls }
}

/** A circuit that has just opened. */
function open() {
  const opened = breaker()
  opened.calls('-----')
  return opened
}

describe('A closed circuit', () => {
  it('allows concurrent calls, and has no cooldown', () => {
    const { circuit } = breaker()
    expect(circuit.tryAcquire()).toBeDefined()
    expect(circuit.tryAcquire()).toBeDefined()
    expect(circuit.allowsCall).toBe(true)
    expect(circuit.cooldownMs).toBe(0)
  })

  it('stays closed after four failures in a row, and opens at the fifth', () => {
    const { circuit, calls } = breaker()
    calls('----')
    expect(circuit.isOpen).toBe(false)
    calls('-')
    expect(circuit.isOpen).toBe(true)
  })

  it('starts counting again after a success', () => {
    const { circuit, calls } = breaker()
    calls('----+----')
    expect(circuit.isOpen).toBe(false)
    calls('-')
    expect(circuit.isOpen).toBe(true)
  })

  it('opens at ten failures among the last twenty calls', () => {
    const { circuit, calls } = breaker()
    calls('+-+-+-+-+-+-+-+-+-+')
    expect(circuit.isOpen).toBe(false)
    calls('-')
    expect(circuit.isOpen).toBe(true)
  })

  it('counts only the last twenty calls', () => {
    const { circuit, calls } = breaker()
    calls('+'.repeat(50) + '-+'.repeat(9))
    expect(circuit.isOpen).toBe(false)
    calls('-')
    expect(circuit.isOpen).toBe(true)
  })

  it('stays closed at nine failures among the last twenty', () => {
    const { circuit, calls } = breaker()
    calls('+-+-+-+-+-+-+-+-+-++'.repeat(3))
    expect(circuit.isOpen).toBe(false)
  })
})

describe('An open circuit', () => {
  it('allows no call for a second, then one: the probe', async () => {
    const { system, circuit } = open()
    expect(circuit.cooldownMs).toBe(1000)
    await system.pass(999)
    expect(circuit.cooldownMs).toBe(1)
    expect(circuit.allowsCall).toBe(false)
    expect(circuit.tryAcquire()).toBeUndefined()
    await system.pass(1)
    expect(circuit.cooldownMs).toBe(0)
    expect(circuit.allowsCall).toBe(true)
    expect(circuit.tryAcquire()).toBeDefined()
  })

  it('allows no other call during a probe, however long it takes', async () => {
    const { system, circuit } = open()
    await system.pass(5_000)
    const leave = circuit.tryAcquire()
    await system.pass(60_000)
    expect(circuit.allowsCall).toBe(false)
    expect(circuit.tryAcquire()).toBeUndefined()
    leave?.(false)
    await system.pass(1_000)
    expect(circuit.tryAcquire()).toBeDefined()
  })

  it('closes when a probe succeeds, and forgets earlier outcomes', async () => {
    const { system, circuit, calls } = open()
    await system.pass(1_000)
    circuit.tryAcquire()?.(true)
    expect(circuit.isOpen).toBe(false)
    calls('----')
    expect(circuit.isOpen).toBe(false)
  })

  it('stays open for another second when a probe fails', async () => {
    const { system, circuit } = open()
    await system.pass(3_000)
    circuit.tryAcquire()?.(false)
    expect(circuit.isOpen).toBe(true)
    expect(circuit.cooldownMs).toBe(1000)
    expect(circuit.tryAcquire()).toBeUndefined()
  })

  it('can open again after a probe closed it', async () => {
    const { system, circuit, calls } = open()
    await system.pass(1_000)
    circuit.tryAcquire()?.(true)
    calls('-----')
    expect(circuit.isOpen).toBe(true)
    await system.pass(1_000)
    expect(circuit.tryAcquire()).toBeDefined()
  })

  it('ignores the outcome of calls that began before it opened', async () => {
    const { system, circuit, calls } = breaker()
    const late = [circuit.tryAcquire()!, circuit.tryAcquire()!]
    calls('-----')
    await system.pass(900)
    late[0]?.(false)
    expect(circuit.cooldownMs).toBe(100)
    late[1]?.(true)
    expect(circuit.isOpen).toBe(true)
    expect(circuit.cooldownMs).toBe(100)
  })
})
