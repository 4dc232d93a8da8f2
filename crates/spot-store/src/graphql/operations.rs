//! What is asked of a server: the operations of Spot's notebooks, and those that only `spot serve`
//! knows. Values travel as typed variables, never in these texts.

/// The threat list of flows.
pub const FLOW_LIST: &str = "query($date:SpotDateType!){flow{threats{list(date:$date)\
    {srcIp dstPort dstIp srcPort score}}}}";

/// The saved stories of flows.
pub const FLOW_COMMENTS: &str =
    "query($date:SpotDateType!){flow{threats{comments(date:$date){ip title text}}}}";

/// The expanded search of an address.
pub const FLOW_DETAILS: &str = "query($date:SpotDateType!,$ip:SpotIpType!){flow{threat\
    {details(date:$date,ip:$ip){srcIp maxBytes connections maxPkts avgPkts lastSeen srcPort \
    firstSeen dstIp avgBytes dstPort}}}}";

/// Saves the story of an address.
pub const FLOW_SAVE: &str = "mutation($date:SpotDateType,$ip:SpotIpType!,$text:String!,\
    $title:String!,$threatDetails:[NetflowThreatDetailsInputType]!,$topResults:Int){flow\
    {createStoryboard(input:{threatDetails:$threatDetails,date:$date,ip:$ip,title:$title,\
    text:$text,first:$topResults}){success}}}";

/// The threat list of DNS.
pub const DNS_LIST: &str = "query($date:SpotDateType!){dns{threats{list(date:$date)\
    {dnsScore clientIpScore clientIp dnsQuery}}}}";

/// The saved stories of DNS.
pub const DNS_COMMENTS: &str = "query($date:SpotDateType!){dns{threats{comments(date:$date)\
    {title text ... on DnsQueryCommentType{dnsQuery} ... on DnsClientIpCommentType{clientIp}}}}}";

/// The expanded search of a client or a name. Spot's notebooks leave `first` out, and get 20 lines.
pub const DNS_DETAILS: &str = "query($date:SpotDateType,$dnsQuery:String,$clientIp:SpotIpType,\
    $first:Int){dns{threat{details(date:$date,dnsQuery:$dnsQuery,clientIp:$clientIp,first:$first)\
    {total clientIp dnsQuery}}}}";

/// Saves the story of a client or a name.
pub const DNS_SAVE: &str = "mutation($date:SpotDateType,$dnsQuery:String,$clientIp:SpotIpType,\
    $text:String!,$title:String!,$threatDetails:[DnsThreatDetailsInputType!]!){dns\
    {createStoryboard(input:{threatDetails:$threatDetails,date:$date,dnsQuery:$dnsQuery,\
    clientIp:$clientIp,title:$title,text:$text}){success}}}";

/// Which pipelines `spot serve` has, and their days. Spot's own server knows no such field.
pub const SERVED: &str =
    "{flow{days{date highRows}} dns{days{date highRows}} served{flow dns data}}";

/// Rows of the flows of each minute, or day.
pub const FLOW_INGESTED: &str = "query($first:SpotDateType!,$last:SpotDateType!){flow\
    {ingestSummary(startDate:$first,endDate:$last){datetime total}}}";

/// As [`FLOW_INGESTED`], of the DNS answers.
pub const DNS_INGESTED: &str = "query($first:SpotDateType!,$last:SpotDateType!){dns\
    {ingestSummary(startDate:$first,endDate:$last){datetime total}}}";

/// The context files of `spot serve`.
pub const CONTEXT: &str = "{served{context{ranges names places classes indicators databases}}}";

/// As [`FLOW_LIST`], of `spot serve`: with the time of each row, by which rows are told apart.
pub const FLOW_LIST_SERVED: &str = "query($date:SpotDateType!){flow{threats{list(date:$date)\
    {tstart srcIp dstPort dstIp srcPort score}}}}";

/// As [`DNS_LIST`], of `spot serve`.
pub const DNS_LIST_SERVED: &str = "query($date:SpotDateType!){dns{threats{list(date:$date)\
    {unixTimestamp dnsScore clientIpScore clientIp dnsQuery}}}}";

/// The rows of an address, of `spot serve`.
pub const FLOW_ROWS: &str = "query($date:SpotDateType!,$ip:SpotIpType!){flow{threat\
    {rows(date:$date,ip:$ip){...rows}}}}";

/// The rows between two sets of addresses, of `spot serve`.
pub const FLOW_BETWEEN: &str = "query($date:SpotDateType!,$ones:[SpotIpType!]!,\
    $others:[SpotIpType!]!){flow{rowsBetween(date:$date,ones:$ones,others:$others){...rows}}}";

/// The rows of a client, a name or several names, of `spot serve`.
pub const DNS_ROWS: &str = "query($date:SpotDateType!,$clientIp:SpotIpType,$dnsQuery:String,\
    $scope:DnsScopeType){dns{threat{rows(date:$date,clientIp:$clientIp,dnsQuery:$dnsQuery,\
    scope:$scope){...rows}}}}";

/// The answers that named one of some addresses, of `spot serve`.
pub const DNS_ANSWERING: &str = "query($date:SpotDateType!,$addresses:[SpotIpType!]!){dns\
    {answering(date:$date,addresses:$addresses){parquet}}}";

/// What is asked of rows.
pub const ROWS: &str = " fragment rows on SpotRowsType{table filter rows scanned fingerprint \
    files{path size modified} notes parquet}";

/// As [`FLOW_SAVE`], of `spot serve`: it takes the numbers from the rows, and says what it wrote.
pub const FLOW_SAVE_SERVED: &str = "mutation($date:SpotDateType,$ip:SpotIpType!,$text:String!,\
    $title:String!,$fingerprint:String,$author:String){flow{createStoryboard(input:{threatDetails:[],date:$date,\
    ip:$ip,title:$title,text:$text,fingerprint:$fingerprint,author:$author})\
    {success revision artefacts{name path rows sha256}}}}";

/// As [`DNS_SAVE`], of `spot serve`.
pub const DNS_SAVE_SERVED: &str = "mutation($date:SpotDateType,$dnsQuery:String,\
    $clientIp:SpotIpType,$scope:DnsScopeType,$substring:String,$text:String!,$title:String!,\
    $fingerprint:String,$author:String){dns{createStoryboard(input:{threatDetails:[],date:$date,\
    dnsQuery:$dnsQuery,clientIp:$clientIp,scope:$scope,substring:$substring,title:$title,text:$text,\
    fingerprint:$fingerprint,author:$author})\
    {success revision artefacts{name path rows sha256}}}}";

/// Scores unlikely flows.
pub const FLOW_SCORE: &str =
    "mutation($input:[NetflowScoreInputType!]!){flow{score(input:$input){success}}}";

/// Scores unlikely answers.
pub const DNS_SCORE: &str = "mutation($input:[DnsScoreType!]!){dns{score(input:$input){success}}}";

/// As [`FLOW_SCORE`], of `spot serve`: it says how many rows, and remembers who.
pub const FLOW_SCORE_SERVED: &str = "mutation($input:[NetflowScoreInputType!]!,$by:String)\
    {flow{score(input:$input,by:$by){success rows}}}";

/// As [`DNS_SCORE`], of `spot serve`.
pub const DNS_SCORE_SERVED: &str = "mutation($input:[DnsScoreType!]!,$by:String)\
    {dns{score(input:$input,by:$by){success rows}}}";

/// Forgets scores and stories of flows.
pub const FLOW_RESET: &str =
    "mutation($date:SpotDateType!){flow{resetScoredConnections(date:$date){success}}}";

/// Forgets scores and stories of DNS.
pub const DNS_RESET: &str =
    "mutation($date:SpotDateType!){dns{resetScoredConnections(date:$date){success}}}";
