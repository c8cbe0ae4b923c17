import { PageHead } from '../components/PageHead.tsx'
import { useFilters } from '../filters.ts'

export default function NotFound() {
  const { page } = useFilters()
  return (
    <>
      <PageHead name="Page not found">There is no page at this address.</PageHead>
      <p>
        <a href={page('/')}>Go to the overview</a>
      </p>
    </>
  )
}
