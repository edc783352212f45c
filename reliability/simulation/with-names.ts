const id = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const people = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn']
/** In a path, or in the words of a finding. */
const mentions = {
  user: new RegExp(`\\busers?[/ ](${id})`, 'g'),
  order: new RegExp(`\\b(?:orders?|holds)[/ ](${id})`, 'g'),
}

/** The lines with a name for each id, so that they can be read aloud: Ada, order-1, id-1. */
export function withNames(lines: readonly string[]): string[] {
  const text = lines.join('\n')
  const names = new Map<string, string>()
  idsIn(text, mentions.user).forEach((it, i) => names.set(it, people[i] ?? `user-${i + 1}`))
  idsIn(text, mentions.order).forEach((it, i) => names.set(it, `order-${i + 1}`))
  const others = idsIn(text, new RegExp(`(${id})`, 'g')).filter((it) => !names.has(it))
  others.forEach((it, i) => names.set(it, `id-${i + 1}`))
  const mention = new RegExp(`(?:\\b(?:user|order) )?(${id})`, 'g')
  return lines.map((line) => line.replace(mention, (_all, it: string) => names.get(it) ?? it))
}

/** Each once, in the order of the text. */
function idsIn(text: string, mention: RegExp): string[] {
  return [...new Set([...text.matchAll(mention)].map(([, found = '']) => found))]
}
