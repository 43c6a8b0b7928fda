# Compiler flags shared by every target of the project, on one INTERFACE target.
add_library(dsnwatch_options INTERFACE)
target_compile_features(dsnwatch_options INTERFACE cxx_std_20)
target_include_directories(dsnwatch_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dsnwatch_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wimplicit-fallthrough $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  # g++ 12's own <algorithm> uses what it marks as deprecated; clang says so.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  -fno-omit-frame-pointer -fstack-protector-strong)
if(DSNWATCH_WERROR)
  target_compile_options(dsnwatch_options INTERFACE -Werror)
endif()
if(DSNWATCH_SANITIZE)
  target_compile_options(dsnwatch_options INTERFACE -fsanitize=${DSNWATCH_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(dsnwatch_options INTERFACE -fsanitize=${DSNWATCH_SANITIZE})
else()
  target_compile_definitions(dsnwatch_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_link_options(dsnwatch_options INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
if(DSNWATCH_FUZZ)
  target_compile_options(dsnwatch_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(DSNWATCH_MOLD mold)
if(DSNWATCH_MOLD AND NOT DSNWATCH_FUZZ)
  target_link_options(dsnwatch_options INTERFACE -fuse-ld=mold)
endif()
find_program(DSNWATCH_CCACHE ccache)
if(DSNWATCH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DSNWATCH_CCACHE})
endif()

# dsnwatch_library(NAME folder-relative sources...): a static library with the shared options, aliased dsnwatch::NAME. Its
# folder's headers are a header set: the target all_verify_interface_header_sets compiles each alone.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
function(dsnwatch_library name)
  add_library(dsnwatch_${name} STATIC ${ARGN})
  add_library(dsnwatch::${name} ALIAS dsnwatch_${name})
  target_link_libraries(dsnwatch_${name} PUBLIC dsnwatch_options)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  if(NOT name MATCHES "^(rules_file|shipped)$") # these share the daemon's folder
    target_sources(dsnwatch_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  endif()
endfunction()
