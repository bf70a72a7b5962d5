"""Reading tables people hand in (CSV, XLSX): limits first, workbooks in a child process, every cell as text."""
