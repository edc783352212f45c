/** Holds the orders that are listed against those that were acknowledged. Throws unless they are the same, and confirmed. */
export function countOrders(acknowledged, listed) {
  const promised = new Set(acknowledged)
  const found = new Set(listed.map(({ id }) => id))
  const counts = {
    acknowledged: promised.size,
    confirmed: listed.filter(({ status }) => status === 'confirmed').length,
    lost: [...promised].filter((id) => !found.has(id)).length,
    doubled: listed.filter(({ id }) => !promised.has(id)).length,
  }
  const { confirmed, lost, doubled } = counts
  if (lost > 0 || doubled > 0 || confirmed !== promised.size)
    throw new Error(`of ${promised.size} orders, ${confirmed} are confirmed, ${lost} lost, ${doubled} doubled`)
  return counts
}
