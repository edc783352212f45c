export interface Options {
  rounds: number
  seconds: number
  /** How many orders are stored beforehand; empty if growth is not measured. */
  growth: readonly number[]
  /** Of each service; the median counts. */
  starts: number
  /** Sent while the processor time is counted. */
  requests: number
  /** Before memory is read. */
  restMs: number
  isJson: boolean
  picture: string | undefined
}

export interface Given {
  rounds?: string | undefined
  seconds?: string | undefined
  growth?: string | undefined
  short?: boolean | undefined
  json?: boolean | undefined
  picture?: string | undefined
}

const whole = { rounds: 3, seconds: 5, growth: [1_000, 100_000, 1_000_000], starts: 5, requests: 5_000, restMs: 3_000 }
const short = { rounds: 1, seconds: 0.3, growth: [1_000], starts: 1, requests: 200, restMs: 100 }
const maxOrders = 10_000_000

/** Throws an error that says what is wrong with an option. */
export function readOptions(given: Given): Options {
  const { rounds, seconds, growth, ...others } = given.short === true ? short : whole
  return {
    ...others,
    rounds: given.rounds === undefined ? rounds : integer('--rounds', given.rounds, 99),
    seconds: given.seconds === undefined ? seconds : integer('--seconds', given.seconds, 600),
    growth: given.growth === undefined ? growth : readGrowth(given.growth),
    isJson: given.json === true,
    picture: readPicture(given.picture),
  }
}

function readGrowth(text: string): number[] {
  if (text === 'none') return []
  return text.split(',').map((count) => integer('--growth', count, maxOrders))
}

function readPicture(file: string | undefined): string | undefined {
  if (file === undefined || file.endsWith('.svg')) return file
  throw new Error('--picture must name a file that ends in .svg')
}

function integer(name: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN
  if (value >= 1 && value <= max) return value
  throw new Error(`${name} must be ${name === '--growth' ? 'none, or integers' : 'an integer'} from 1 to ${max}`)
}
