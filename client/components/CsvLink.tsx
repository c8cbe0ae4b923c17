/** A link to the CSV of what stands beside it. */
export function CsvLink(props: {
  address: string
  /** "the mix and pace": said to those who do not see what it stands beside. */
  what: string
  /** Said to all where there is more than one. */
  label?: string
}) {
  return (
    <a class="button" href={props.address} download="" target="_self">
      {props.label ?? 'Download CSV'}
      <span class="visually-hidden"> of {props.what}</span>
    </a>
  )
}
