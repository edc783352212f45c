export const shopNames = ['naive', 'floor', 'tandem'] as const
export type ShopName = (typeof shopNames)[number]
export const roles = ['users', 'orders'] as const
export type Role = (typeof roles)[number]
