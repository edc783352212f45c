import { checkAcknowledged } from './acknowledged'
import { checkBooks, checkConfirmed, checkDepositKeys, checkHolds } from './credit'
import { gatherFacts, type Facts, type Moment, type Records } from './facts'
import { nameOf, type Finding } from './finding'
import { checkNumbering } from './numbering'
import { checkOrderEvents, checkOrderKeys, checkUnfinished } from './orders'
import { checkFollowing, checkUserCopies } from './user-copies'
import { checkErasures, checkUserEvents, checkUserNames } from './users'

export interface Report {
  /** Each once. */
  findings: Finding[]
  /** How many of what were looked at. */
  checked: Record<string, number>
}

/** The design's invariants, and what follows from them. */
const checks: readonly ((facts: Facts) => Generator<Finding>)[] = [
  checkBooks,
  checkDepositKeys,
  checkHolds,
  checkConfirmed,
  checkOrderKeys,
  checkUnfinished,
  checkOrderEvents,
  checkUserEvents,
  checkUserNames,
  checkErasures,
  checkNumbering,
  checkUserCopies,
  checkFollowing,
  checkAcknowledged,
]

/** Holds the records of both services, and what a caller was told, against each other. */
export function audit(records: Records, moment: Moment): Report {
  const facts = gatherFacts(records, moment)
  const findings = new Map<string, Finding>()
  for (const check of checks) {
    for (const finding of check(facts)) findings.set(nameOf(finding), finding)
  }
  const { users, orders, journal } = records
  return {
    findings: [...findings.values()],
    checked: {
      users: users.users.length,
      deposits: users.deposits.length,
      holds: users.holds.length,
      orders: orders.orders.length,
      'events of users': users.events.length,
      'events of orders': orders.events.length,
      'copies of users': orders.userCopies.length,
      ...(journal && { acknowledgements: journal.length }),
    },
  }
}
