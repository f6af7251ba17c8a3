// What a shell loads once: a function that asks this program for candidates each time. The program answers one a line, with
// a tab and a hint behind it, and ":files" where the shell is to offer files itself.

/** bash splits words at ":" and "=" and replaces only the last piece, so words are put together first. */
const BASH = `# Completion of slipline for bash. Load it with: source <(slipline completion bash)
_slipline() {
  local words=() rest=\${COMP_LINE:0:COMP_POINT} piece i count blank candidate
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=\${rest%%[![:space:]]*}
    rest=\${rest#"$blank"}
    piece=\${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && piece=$rest
    rest=\${rest#"$piece"}
    count=\${#words[@]}
    if ((i > 0)) && [[ -z $blank ]]; then
      words[count - 1]+=$piece
    else
      words+=("$piece")
    fi
  done
  local word=\${words[\${#words[@]} - 1]}
  local before=\${word%"$piece"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    candidate=\${candidate%%$'\\t'*}
    if [[ $candidate == :files ]]; then
      compopt -o default 2>/dev/null || COMPREPLY+=($(compgen -f -- "$piece"))
    else
      COMPREPLY+=("$(printf %q "\${candidate#"$before"}")")
    fi
  done < <(slipline __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _slipline slipline
`;

const ZSH = `#compdef slipline
# Completion of slipline for zsh. Load it with: source <(slipline completion zsh)
_slipline() {
  local line candidate
  local -a candidates hints
  for line in "\${(@f)$(slipline __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    candidate=\${line%%$'\\t'*}
    if [[ $candidate == :files ]]; then
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
    elif [[ -n $candidate ]]; then
      candidates+=("$candidate")
      hints+=("\${line/$'\\t'/  }")
    fi
  done
  (( $#candidates )) && compadd -Q -l -d hints -- "\${(@q)candidates}"
}
if [[ $funcstack[1] == _slipline ]]; then
  _slipline "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _slipline slipline
fi
`;

const FISH = `# Completion of slipline for fish. Load it with: slipline completion fish | source
function __slipline_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (slipline __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct | string replace -r '^--[^=]*=' '')
        else
            echo $line
        end
    end
end
complete -c slipline -f -a '(__slipline_complete)'
`;

const POWERSHELL = `# Completion of slipline for PowerShell. Load it with: slipline completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName slipline -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
  if ($wordToComplete -eq '') { $words += '""' }
  slipline __complete '--' @words 2>$null | ForEach-Object {
    $text, $hint = $_ -split "\`t", 2
    if ($text -eq ':files') { return }
    if (-not $hint) { $hint = $text }
    $quoted = if ($text -match '[^\\w:.,=/@+-]') { "'" + $text.Replace("'", "''") + "'" } else { $text }
    [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', $hint)
  }
}
`;

export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL } as const;
