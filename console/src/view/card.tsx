import type { ComponentChildren } from 'preact'

interface Props {
  id: string
  title: string
  /** Beside the title. */
  aside?: ComponentChildren
  children: ComponentChildren
}

/** A part of the page, with a heading that it is known by. */
export function Card({ id, title, aside, children }: Props) {
  return (
    <section class="card" id={id} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
